/* The gateways: gateway/{authenticate,decisions,incidents,path,store,outbox}.py, and what is behind
   them. `disk` survives a crash; `memory` is read from it at the start. */

#define UNKNOWN 0               /* states of an incident */
#define OPEN 1
#define TAKEN 2                 /* acknowledged by a person */

#define NO_ROW 0                /* what the outbox holds of an incident */
#define WAITING 1
#define CONFIRMED 2             /* by the broker */

typedef Incident {
    byte state;
    bit cancelled;
    byte last;                  /* highest counter accepted for it */
    byte row
}

typedef Kept {
    byte window;                /* accepted counters, a bit each */
    Incident about[INCIDENTS]
}

Kept disk[2];
Kept memory[2];
#ifdef HALFWAY
byte halfway[2] = NONE;         /* a mutation makes two transactions: the frame between them */
#endif

/* What upstream and its people know, a bit an incident */
byte reported[2];
byte taken;

byte accepted[2];               /* every counter ever accepted, a bit each: for a promise only */

/* The answer that is owed after a commit and lost in a crash. Without -DLIVENESS an answer may be
   given at any time, or never: every order of answers is among that. */
#ifdef LIVENESS
byte owed[2] = NONE;
#define owe_answer(g, i) owed[g] = i
#define owe_nothing(g) owed[g] = NONE
#define ready(g) (owed[g] == NONE)
#else
#define owe_answer(g, i) skip
#define owe_nothing(g) skip
#define ready(g) true
#endif

#define bit_of(n) (1 << (n))
#define has(set, n) (((set) & bit_of(n)) != 0)
#define is_highest(set, c) (((set) >> (c)) == 0)
#define too_old(set, c) (((set) >> ((c) + WINDOW)) != 0)
#define is_new(g, c) (frame[c] && !has(memory[g].window, c) && !too_old(memory[g].window, c))
#define upstream_has(i) has(reported[0] | reported[1], i)

/* SPEC 6.3: the incident a frame speaks of */
#ifdef IDENTITY_AS_HEARD
#define incident_of(c) ((c) / BLOCK)
#else
#define incident_of(c) ((c) / BLOCK - block_of(c))
#endif

/* --- decisions, in memory --------------------------------------------------------------------- */

/* The verdict is right but may be missing: a gateway that is not certain says "unverified". */
inline judge(g, c) {
    if
    :: !is_old(c) -> may_end = true
    :: may_end = false
    fi;
#ifdef CANCEL_WHEN_DELAYED
    may_end = true;
#endif
    in_order = is_highest(memory[g].window, c);
#ifndef CANCEL_WHEN_OLDER
    may_end = may_end && in_order
#endif
}

/* An alert of the incident that was accepted and is newer than c. */
#define newer(g, c, i, d) (d > c && has(memory[g].window, d) && incident_of(d) == i && kind_of(d) == ALERT)
#define newer_alert(g, c, i) (newer(g, c, i, 1) || newer(g, c, i, 2) || newer(g, c, i, 3) || \
    newer(g, c, i, 4) || newer(g, c, i, 5))

inline apply_cancel(g, c, i) {
    if
    :: may_end ->
           memory[g].about[i].cancelled = true;
           promise(delayed_never_ends, !is_old(c));
           promise(older_never_ends, !newer_alert(g, c, i))
    :: else
    fi
}

/* Pressed again after a cancel: people are told again. */
inline apply_alert(g, c, i) {
    if
    :: in_order && memory[g].about[i].cancelled ->
           memory[g].about[i].cancelled = false;
           memory[g].about[i].state = OPEN;
           memory[g].about[i].row = WAITING
    :: else
    fi
}

inline merge(g, c, i) {
    if
    :: memory[g].about[i].state == UNKNOWN ->
           memory[g].about[i].state = OPEN;
           memory[g].about[i].row = WAITING;
           memory[g].about[i].last = c
    :: else ->
           memory[g].about[i].last = (c > memory[g].about[i].last -> c : memory[g].about[i].last)
    fi;
    if
    :: kind_of(c) == CANCEL -> apply_cancel(g, c, i)
    :: else -> apply_alert(g, c, i)
    fi;
    memory[g].window = memory[g].window | bit_of(c)
}

/* --- the disk --------------------------------------------------------------------------------- */

inline write_window(g) {
#ifdef WINDOW_NOT_PERSISTED
    skip
#else
    disk[g].window = memory[g].window
#endif
}

inline write_incident(g, i) {
    disk[g].about[i].state = memory[g].about[i].state;
    disk[g].about[i].cancelled = memory[g].about[i].cancelled;
    disk[g].about[i].last = memory[g].about[i].last;
#ifndef ROW_NOT_PERSISTED
    disk[g].about[i].row = memory[g].about[i].row
#endif
}

/* One transaction: the window, the incident and its row in the outbox. */
inline commit(g, c, i) {
#if defined WINDOW_FIRST
    write_window(g);
    halfway[g] = c
#elif defined INCIDENT_FIRST
    write_incident(g, i);
    halfway[g] = c
#else
    write_window(g);
    write_incident(g, i);
    owe_answer(g, i)
#endif
}

#define stored_with(g, c) (!has(disk[g].window, c) || disk[g].about[incident_of(c)].state != UNKNOWN)

inline read_incident(g, i) {
    memory[g].about[i].state = disk[g].about[i].state;
    memory[g].about[i].cancelled = disk[g].about[i].cancelled;
    memory[g].about[i].last = disk[g].about[i].last;
    memory[g].about[i].row = disk[g].about[i].row
}

inline start_from_disk(g) {
    promise(accepted_is_stored, stored_with(g, 0) && stored_with(g, 1) && stored_with(g, 2) &&
        stored_with(g, 3) && stored_with(g, 4) && stored_with(g, 5));
    memory[g].window = disk[g].window;
    read_incident(g, 0);
    read_incident(g, 1);
    read_incident(g, 2);
    owe_nothing(g);
#ifdef HALFWAY
    halfway[g] = NONE
#endif
}

/* The device: firmware/core/{alert,button,counter}.py. */

/* In flash */
byte reserved;                  /* every counter below it may have been used */

/* In the memory that deep sleep keeps and power loss takes */
byte snapshot = NONE;           /* the next counter, for one start */
byte snapshot_incident = NONE;

/* In memory */
byte next_counter;
bit open;                       /* an alert or a cancel is being sent */
bit kind;
byte incident = NONE;           /* the last one begun here; NONE after power loss */
byte since;                     /* acks for older counters do not count */
byte felt;                      /* the highest stage the wearer was made to feel */
bit last_frame;                 /* one more frame, then quiet */
bit asleep;

/* What the wearer knows */
byte pressed = NONE;            /* the incident of the last press */
byte presses;
byte cancels;
byte agains;
byte resets;
byte frames;

#define first_of(i) ((i) * BLOCK)
#ifdef RESERVED_BEHIND
#define is_reserved true
#else
#define is_reserved (next_counter < reserved)
#endif
#define may_send (!asleep && is_reserved && next_counter < COUNTERS && frames < FRAMES)

inline begin(what) {
    kind = what;
    open = true;
    felt = 0;
    last_frame = false;
    since = next_counter
}

inline send_frame() {
#ifdef REFRESH_KEEPS_COUNTER
    if
    :: newest != NONE && newest >= since && !last_frame -> next_counter = newest; frame[newest] = 0
    :: else
    fi;
#endif
    put_frame_on_air(next_counter, kind, first_of(incident), pressed);
    next_counter++;
    frames++;
    if
    :: last_frame -> open = false; last_frame = false
    :: else
    fi
}

/* An ack for counter c says `stage`. */
inline take_ack(c, stage) {
    promise(recent_acks_only, c == newest || c == previous);
    promise(felt_received_is_true, c >= since && (has(disk[0].window, c) || has(disk[1].window, c)));
    promise(felt_delivered_is_true, stage < DELIVERED || upstream_has(pressed));
    promise(felt_help_is_true, stage < ACKNOWLEDGED || has(taken, pressed));
    felt = stage;
    if
    :: kind == CANCEL -> open = false
    :: kind == ALERT && stage == ACKNOWLEDGED -> last_frame = true
    :: else
    fi
}

#ifdef ACK_OF_ANOTHER_INCIDENT
#define counts(c) true
#else
#define counts(c) ((c) >= since)
#endif
#ifdef ACK_FOR_ANY_COUNTER
#define listens_for(c) true
#else
#define listens_for(c) ((c) == newest || (c) == previous)
#endif
#define news(c, stage) \
    ((c) != NONE && listens_for(c) && counts(c) && (stage) > felt && (acks[c] & (1 << (stage))))

#define HEARS(c) \
    :: d_step { open && news(c, STORED) -> take_ack(c, STORED) } \
    :: d_step { open && news(c, DELIVERED) -> take_ack(c, DELIVERED) } \
    :: d_step { open && news(c, ACKNOWLEDGED) -> take_ack(c, ACKNOWLEDGED) }

/* When to send the next frame: any time; with -DLIVENESS when all is at rest and there is news. */
#ifdef LIVENESS
#define nothing_sent (newest == NONE || newest < since)
#define silent(c) (!news(c, STORED) && !news(c, DELIVERED) && !news(c, ACKNOWLEDGED))
#define settled(g) (g >= GATEWAYS || (ready(g) && !is_new(g, newest)))
#define at_rest (settled(0) && settled(1) && silent(newest) && silent(previous))
#define knows_more(g) (memory[g].about[incident].state != UNKNOWN && best_stage(g, incident) > felt)
#define frame_due (nothing_sent || last_frame || (at_rest && (knows_more(0) || knows_more(1))))
#else
#define frame_due true
#endif

/* Counters are reserved between frames; then there is room for the skip and the frame of a press. */
#ifdef RESERVED_BEHIND
#define reservation_due (!asleep && reserved < next_counter)
#else
#define reservation_due (!asleep && reserved < COUNTERS && reserved < next_counter + SPARE)
#endif
#define may_press (!asleep && !reservation_due && next_counter + BLOCK - 1 < COUNTERS)
#define may_cancel (!asleep && !reservation_due && incident != NONE)

inline reserve_ahead() {
#ifdef RESERVED_BEHIND
    reserved = next_counter
#else
    reserved = (next_counter + AHEAD < COUNTERS -> next_counter + AHEAD : COUNTERS)
#endif
}

inline forget_what_memory_held() {
    open = false;
    kind = ALERT;
    felt = 0;
    since = 0;
    last_frame = false;
    forgotten = newest;
    newest = NONE;
    forget_acks(forgotten);
    forgotten = previous;
    previous = NONE;
    forget_acks(forgotten)
}

/* Deep sleep takes the memory, too; but it leaves a snapshot, which is good for one start. */
inline fall_asleep() {
    forget_what_memory_held();
    snapshot = next_counter;
    snapshot_incident = incident;
    next_counter = 0;
    incident = NONE;
    asleep = true
}

inline wake() {
    asleep = false;
    next_counter = snapshot;
    incident = snapshot_incident;
#ifndef SNAPSHOT_KEPT
    snapshot = NONE;
    snapshot_incident = NONE
#endif
}

inline start_without_memory() {
    asleep = false;
    snapshot = NONE;
    snapshot_incident = NONE;
#ifdef RESTART_FROM_ZERO
    next_counter = 0;
#else
    next_counter = reserved;
#endif
#ifdef CANCEL_AFTER_POWER_LOSS
    incident = 0
#else
    incident = NONE
#endif
}

proctype device() {
    byte forgotten;
    do
    :: d_step { reservation_due -> reserve_ahead() }

    :: d_step { may_press && !open && presses < PRESSES ->
           presses++;
           incident = (next_counter + BLOCK - 1) / BLOCK;
           next_counter = first_of(incident);
           pressed = incident;
           begin(ALERT) }

    :: d_step { open && kind == CANCEL && agains < AGAINS ->
           agains++;
           begin(ALERT) }

    :: d_step { may_cancel && cancels < CANCELS ->
           cancels++;
           begin(CANCEL) }

    :: d_step { open && may_send && frame_due -> send_frame() }

    HEARS(newest)
    HEARS(previous)
#ifdef ACK_FOR_ANY_COUNTER
    HEARS(0)
    HEARS(1)
#endif

    :: d_step { !open && !asleep -> fall_asleep() }
    :: d_step { asleep -> wake() }

    :: atomic { resets < DEVICE_RESETS -> resets++;
           forget_what_memory_held();
           if
           :: start_without_memory()
           :: snapshot != NONE -> wake()
           fi }
    od
}

/* The air. It keeps every frame for ever, and any frame may be heard at any time, often or never:
   loss, duplication, reordering and the attacker who jams, records and plays later are all in that. */

byte frame[COUNTERS];           /* what was sent with a counter: 0 nothing, else 1 + kind + 2 * block */
byte meant[COUNTERS] = NONE;    /* the incident that the wearer meant by it: nobody can read this */
byte acks[COUNTERS];            /* the stages that were answered to a counter, a bit each */
byte newest = NONE;             /* the counters that the device listens for: its last two */
byte previous = NONE;           /*   (SPEC 7.2: four) */
byte old_below;                 /* frames below this counter were sent too long ago to be fresh */
byte passes;

#define ALERT 0
#define CANCEL 1
#define kind_of(c) ((frame[c] - 1) & 1)
#define block_of(c) ((frame[c] - 1) >> 1)
#define is_old(c) ((c) < old_below)

/* An ack that the device does not listen for is of no use, and never will be: it only forgets
   counters. Leaving it out saves states; where the device listens to everything it stays. */
#ifdef ACK_FOR_ANY_COUNTER
#define of_use(c) true
#else
#define of_use(c) ((c) == newest || (c) == previous)
#endif

inline put_ack_on_air(c, stage) {
    if
    :: of_use(c) -> acks[c] = acks[c] | (1 << (stage))
    :: else
    fi
}

inline forget_acks(c) {
    if
    :: c != NONE && !of_use(c) -> acks[c] = 0
    :: else
    fi
}

inline put_frame_on_air(c, kind, first, intended) {
    promise(one_counter_one_frame, frame[c] == 0);
    frame[c] = 1 + (kind) + 2 * (c / BLOCK - (first) / BLOCK);
    meant[c] = intended;
    forgotten = previous;
    previous = newest;
    newest = c;
    forget_acks(forgotten)
}


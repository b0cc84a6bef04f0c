/* What must never happen, each under a name. A promise is a bit that stays 1; the line that could
   break it says what it means. With -DONLY=name the others are watched but not asserted. */

#ifdef ONLY
#define promise(name, holds) name = name && (holds); assert(ONLY)
#else
#define promise(name, holds) name = name && (holds); assert(name)
#endif

bit ack_after_commit = 1;       /* an answer says only what the disk of its gateway holds */
bit accepted_once = 1;          /* no gateway accepts a counter twice, whatever restarts */
bit accepted_is_stored = 1;     /* a disk on which a frame is accepted holds its incident */
bit one_press_one_incident = 1; /* all frames of a press name one incident, the same everywhere */
bit one_counter_one_frame = 1;  /* the device never sends two frames with one counter */
bit delayed_never_ends = 1;     /* a frame kept back cancels nothing */
bit delayed_never_reassures = 1; /* nor is it taken for a sign of life */
bit older_never_ends = 1;       /* a cancel below an accepted alert of the incident is void */
bit recent_acks_only = 1;       /* the device takes acks for its last counters only */
bit felt_received_is_true = 1;  /* "received": what was pressed last is on the disk of a gateway */
bit felt_delivered_is_true = 1; /* ... and upstream has it */
bit felt_help_is_true = 1;      /* "help is coming": a person has taken this incident */

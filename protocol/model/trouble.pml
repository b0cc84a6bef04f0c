/* Loss, duplication, reordering, the attacker who recorded, crashes, time. None of it has to happen. */

/* Any frame but the newest, which a gateway hears by itself, comes to a gateway whenever it was sent. */
#define may_play(h, d) (h < GATEWAYS && frame[d] && d != newest && ready(h) && is_new(h, d))
#define PLAY(h, d) :: may_play(h, d) -> g = h; c = d

/* Time goes by: everything that was sent until now is old. Only of a cancel that matters. */
#define fresh_cancel(c) (frame[c] && !is_old(c) && kind_of(c) == CANCEL)
#define some_fresh_cancel (fresh_cancel(0) || fresh_cancel(1) || fresh_cancel(2) || \
    fresh_cancel(3) || fresh_cancel(4) || fresh_cancel(5))
#define used (asleep -> snapshot : next_counter)

/* What was accepted before may be answered again (SPEC 6.2). Without -DLIVENESS a gateway answers
   whenever it likes, so that is among it. */
#define repeated(h, d) (h < GATEWAYS && frame[d] && ready(h) && has(memory[h].window, d))
#define REPEAT(h, d) :: repeated(h, d) -> g = h; c = d

proctype trouble() {
    byte g;
    byte c;
    byte i;
    byte forgotten;
    bit in_order;
    bit may_end;
    do
    :: atomic {
           if
           PLAY(0, 0) PLAY(0, 1) PLAY(0, 2) PLAY(0, 3) PLAY(0, 4) PLAY(0, 5)
           PLAY(1, 0) PLAY(1, 1) PLAY(1, 2) PLAY(1, 3) PLAY(1, 4) PLAY(1, 5)
           fi;
           hear(g, c);
           g = 0;
           c = 0 }
    :: d_step { may_fail -> mishap; start_from_disk(0) }
    :: d_step { may_fail && GATEWAYS == 2 -> mishap; start_from_disk(1) }
    :: d_step { passes < PASSES_OF_TIME && some_fresh_cancel -> old_below = used; passes++ }
#ifdef LIVENESS
    :: atomic {
           if
           REPEAT(0, 0) REPEAT(0, 1) REPEAT(0, 2) REPEAT(0, 3) REPEAT(0, 4) REPEAT(0, 5)
           REPEAT(1, 0) REPEAT(1, 1) REPEAT(1, 2) REPEAT(1, 3) REPEAT(1, 4) REPEAT(1, 5)
           fi;
           answer_about(g, incident_of(c));
           g = 0;
           c = 0 }
    :: d_step { newest != NONE && acks[newest] && may_fail -> mishap; acks[newest] = 0 }
    :: d_step { open && may_send && !frame_due && may_fail -> mishap; send_frame() }
    :: d_step { passes <= PASSES_OF_TIME -> passes = passes }   /* no trouble at all */
#endif
    od
}

/* What must happen at last, if each part goes on (weak fairness) and mishaps end. */

#ifdef LIVENESS
#define stored_at(g) (disk[g].about[0].state != UNKNOWN)

ltl stored_reaches_upstream {
    [] (stored_at(0) -> <> has(reported[0], 0)) && [] (stored_at(1) -> <> has(reported[1], 0)) }
ltl pressed_is_told { [] ((open && pressed == 0) -> <> (felt >= STORED)) }
ltl taken_is_felt { [] ((open && has(taken, 0)) -> <> (felt == ACKNOWLEDGED)) }
#endif

/* What can happen: these claims say that it cannot, and must fail. */
#ifdef REACHABLE
#define about0(g) memory[g].about[0]
#define cancels_at(g, c) (frame[c] && kind_of(c) == CANCEL && has(memory[g].window, c))

ltl never_felt_received { [] (felt != STORED) }
ltl never_felt_delivered { [] (felt != DELIVERED) }
ltl never_felt_help { [] (felt != ACKNOWLEDGED) }
ltl never_a_second_incident { [] !(about0(0).state == TAKEN && memory[0].about[1].state == OPEN) }
ltl never_pressed_after_a_reset { [] !(resets == 1 && presses == 2 && newest != NONE && felt == STORED) }
ltl never_out_of_order { [] !(has(memory[0].window, 1) && frame[0] && is_new(0, 0)) }
ltl never_too_old { [] !(frame[0] && !has(memory[0].window, 0) && too_old(memory[0].window, 0)) }
ltl never_reported_twice { [] !(about0(0).row == WAITING && has(reported[0], 0)) }
ltl never_cancelled { [] !about0(0).cancelled }
ltl never_cancelled_too_late { [] !(cancels_at(0, 1) && is_old(1) && !about0(0).cancelled) }
ltl never_raised_after_a_cancel { [] !(agains == 1 && taken && felt == ACKNOWLEDGED) }
#if GATEWAYS == 2
ltl never_at_both_gateways { [] !(about0(0).state == OPEN && about0(1).state == OPEN) }
ltl never_first_at_the_other { [] !(has(memory[0].window, 0) && memory[1].window == bit_of(1)) }
ltl never_taken_at_one_only { [] !(about0(0).state == TAKEN && about0(1).state == OPEN) }
#endif
#endif

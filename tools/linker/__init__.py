"""Links the modules of a role into one, which takes less of a board's heap than they do apart.

merge      modules one behind the other, in the order of their imports; every global name its own
constants  the number in the place of the name
lean       without what nobody uses
names      short ones, the same everywhere, where no other code knows the long ones
"""

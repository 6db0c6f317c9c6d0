//! lanes: 3
//! error: VY0611
// lanes may not replace groups
program p(y: write u32[4]) {
    group 2;
    groups 2;

    y[lane] = local;
}

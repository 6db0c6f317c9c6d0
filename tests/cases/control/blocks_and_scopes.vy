//! out y: 1 9 5
//! clean
// sibling scopes reuse names; blocks nest
program p(y: write u32[3]) {
    lanes 1;

    {
        let a = 1u;
        y[0] = a;
    }
    {
        var a = 2u;
        {
            let b = a + 1;
            a = b * b;
        }
        y[1] = a;
    }
    for a in 5u .. 6u {
        y[2] = a;
    }
}

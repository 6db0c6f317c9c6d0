//! after promote
// A block left from inside assigns, too.
fn first(x: read u32[], n: u32) -> u32 {
    var a = 7u;
    for j in 0u .. n {
        a = x[j];
        if (a > 4u) { return j; }
    }
    return a;
}
program p(n: u32, x: read u32[], y: update u32[]) {
    lanes len(y);
    y[lane] = first(x, n);
}
//! gives
program p(n: u32,
        x: read u32[],
        y: update u32[]) {
    lanes len(y);
    var first: u32;
    block {
        var a = 7u;
        for j in 0u .. n step 1u {
            let v = x[j];
            a = v;
            if (v > 4u) {
                first = j;
                leave;
            }
        }
        let v_1 = a;
        first = v_1;
    }
    let v_2 = first;
    y[lane] = v_2;
}

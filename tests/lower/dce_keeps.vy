//! after dce
// What others see stays, and jumps, loops that may not end, collectives.
program p(n: u32, x: update u32[]) {
    group 32;
    groups 2;
    shared s: u32[32];
    s[local] = n;
    barrier;
    let sum = group_reduce_add(n);
    let old = atomic_add(x, 0u, 1u);
    var a: u32;
    while (a < n) { a += 1u; }
    if (n > 2u) { return; }
    x[lane] = s[31u - local];
}
//! gives
program p(n: u32,
        x: update u32[]) {
    group 32;
    groups 2;
    shared s: u32[32];
    let v = local;
    let v_1 = n;
    s[v] = v_1;
    barrier;
    let sum = group_reduce_add(v_1);
    let v_2 = 1u;
    let old = atomic_add(x, 0u, v_2);
    while {
        var a: u32;
        let v_3 = a;
    } (v_3 < v_1) {
        a = v_3 + v_2;
    }
    if (v_1 > 2u) {
        return;
    }
    let v_4 = s[31u - v];
    x[lane] = v_4;
}

//! in x: 1.0 1e8 0.3 -1e8 0.7 2.5 -3.25 1e-3
//! out bad: u32 0*200
//! clean
// float sums of 200 lanes have the bits of the trees that the language defines,
// which group memory works out here level by level
program p(x: read f32[8], bad: write u32[200]) {
    group 200;
    groups 1;
    shared s: f32[200];
    shared t: f32[200];

    let i = local;
    let a = x[i * 5 % 8] * f32(i + 1);
    s[i] = a;
    t[i] = a;
    barrier;
    var d = 1u;
    while (d < 200) {
        if (i % (2 * d) == 0 && i + d < 200) {
            s[i] = s[i] + s[i + d];
        }
        let low = t[min((i & ~(2 * d - 1)) + d - 1, 199)];
        barrier;
        if ((i & d) != 0) {
            t[i] = low + t[i];
        }
        barrier;
        d *= 2;
    }
    var wrong = 0u;
    wrong |= bitcast<u32>(group_reduce_add(a)) == bitcast<u32>(s[0]) ? 0 : 1;
    wrong |= bitcast<u32>(group_scan_incl_add(a)) == bitcast<u32>(t[i]) ? 0 : 2;
    let first = i > 0 ? t[i - 1] : 0.0;
    wrong |= bitcast<u32>(group_scan_excl_add(a)) == bitcast<u32>(first) ? 0 : 4;
    bad[i] = wrong;
}

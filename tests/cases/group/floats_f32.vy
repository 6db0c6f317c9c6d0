//! in x: 0x3f800000 0x4cbebc20 0x3e99999a 0xccbebc20 0x3f333333 0x40200000
//! in q: nan 0.0 -0.0 nan -0.0 0.0
//! out r: 0x404ccccd -0.0 0.0
//! out incl: 0x3f800000 0x4cbebc20 0x4cbebc20 0x00000000 0x3f333333 0x404ccccd
//! out excl: 0x00000000 0x3f800000 0x4cbebc20 0x4cbebc20 0x00000000 0x3f333333
//! out sh: 0x40200000 0x3f333333 0xccbebc20 0x3e99999a 0x4cbebc20 0x3f800000
//! clean
// float sums follow the fixed trees, so their bits are the same everywhere;
// a NaN loses against numbers in min and max
program p(x: read f32[], q: read f32[], r: write f32[3], incl: write f32[6],
          excl: write f32[6], sh: write f32[6]) {
    group 6;
    groups 1;

    let v = x[lane];
    let a = group_reduce_add(v);
    let b = group_reduce_min(q[lane]);
    let c = group_reduce_max(q[lane]);
    if (local == 0) {
        r[0] = a;
        r[1] = b;
        r[2] = c;
    }
    incl[lane] = group_scan_incl_add(v);
    excl[lane] = group_scan_excl_add(v);
    sh[lane] = group_shuffle(v, 5 - local);
}

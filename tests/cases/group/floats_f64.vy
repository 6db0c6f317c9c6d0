//! in x: 0x3ff0000000000000 0x4376345785d8a000 0x3fd3333333333333
//! in x: 0xc376345785d8a000 0x3fe6666666666666 0x4004000000000000
//! in q: nan 0.0 -0.0 nan -0.0 0.0
//! out r: 0x400999999999999a -0.0 0.0
//! out incl: 0x3ff0000000000000 0x4376345785d8a000 0x4376345785d8a000
//! out incl: 0x0000000000000000 0x3fe6666666666666 0x400999999999999a
//! out excl: 0x0000000000000000 0x3ff0000000000000 0x4376345785d8a000
//! out excl: 0x4376345785d8a000 0x0000000000000000 0x3fe6666666666666
//! out sh: 0x4004000000000000 0x3fe6666666666666 0xc376345785d8a000
//! out sh: 0x3fd3333333333333 0x4376345785d8a000 0x3ff0000000000000
//! clean
// float sums follow the fixed trees, so their bits are the same everywhere;
// a NaN loses against numbers in min and max
program p(x: read f64[], q: read f64[], r: write f64[3], incl: write f64[6],
          excl: write f64[6], sh: write f64[6]) {
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

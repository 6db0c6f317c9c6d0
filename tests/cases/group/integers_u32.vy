//! in x: 3 9 4294967295 5 1
//! out r: 17 1 4294967295 1 4294967295 4294967281
//! out incl: 3 12 11 16 17
//! out excl: 0 3 12 11 16
//! out sh: 0 3 9 4294967295 5
//! out br: 5 0
//! clean
// reduce, scan, broadcast, shuffle of u32
program p(x: read u32[], r: write u32[6], incl: write u32[5],
          excl: write u32[5], sh: write u32[5], br: write u32[2]) {
    group 5;
    groups 1;

    let v = x[lane];
    let a = group_reduce_add(v);
    let b = group_reduce_min(v);
    let c = group_reduce_max(v);
    let d = group_reduce_and(v);
    let e = group_reduce_or(v);
    let f = group_reduce_xor(v);
    if (local == 0) {
        r[0] = a;
        r[1] = b;
        r[2] = c;
        r[3] = d;
        r[4] = e;
        r[5] = f;
    }
    incl[lane] = group_scan_incl_add(v);
    excl[lane] = group_scan_excl_add(v);
    sh[lane] = group_shuffle(v, i32(local) - 1);
    let g = group_broadcast(v, 3);
    let h = group_broadcast(v, 5);
    if (local == 4) {
        br[0] = g;
        br[1] = h;
    }
}

//! in x: 0 4 6 10 12 16 18 22 24 28 30 34 36 40 42 46 48 52 54 58 60 64 66 70 72 76 78 82 84 88 90 94 96 100 102 106 108 112 114 118 120 124 126 130 132 136 138 142 144 148 150 154 156 160 162 166 168 172 174 178 180 184 186 190
//! out y: 190 184 178 172 166 160 154 148 142 136 130 124 118 112 106 100 94 88 82 76 70 64 58 52 46 40 34 28 22 16 10 4 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0
//! warning: VY0902
// a count of lanes is used after a barrier, when other vectors have counted
program p(x: read u32[], y: write u32[64]) {
    group 64;
    groups 1;
    shared t: u32[64];

    let v = x[lane];
    let keep = v % 3 == 0;
    let rank = group_scan_excl_add(u32(keep));
    t[local] = v;
    barrier;
    if (keep) {
        y[rank] = t[63 - local];
    }
}

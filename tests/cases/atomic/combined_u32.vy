//! in lane_count: 30000
//! in add_: 5 7 1000
//! in sub_: 5 7 1000
//! in min_: 5 7 1000
//! in max_: 5 7 1000
//! in and_: 5 7 1000
//! in or_: 5 7 1000
//! in xor_: 5 7 1000
//! out add_: 4253624345 2245162943 92074252
//! out sub_: 41342961 2049804367 4202895044
//! out min_: 0 7 1000
//! out max_: 4294208337 4294833031 4294290800
//! out and_: 5 7 904
//! out or_: 255 255 1023
//! out xor_: 2207209830 647596327 3394507567
// many lanes combine into small buffers, and nobody asks for the old values:
// any order, and tables of threads' own, give the same bits
program p(lane_count: u32,
          add_: update u32[3],
          sub_: update u32[3],
          min_: update u32[3],
          max_: update u32[3],
          and_: update u32[3],
          or_: update u32[3],
          xor_: update u32[3]) {
    lanes lane_count;

    let mixed = lane * 2654435761u;
    let x = mixed ^ (mixed >> 15);
    let v = x;
    let rare = lane % 977 == 0;
    let few = v | 0xffffff8fu | (rare ? 0u : 0x70u);
    let some = v & (rare ? 0xffu : 0x80u);
    atomic_add(add_, x % 3, v);
    atomic_sub(sub_, x % 3, v);
    atomic_min(min_, x % 3, v);
    atomic_max(max_, x % 3, v);
    atomic_and(and_, x % 3, few);
    atomic_or(or_, x % 3, some);
    atomic_xor(xor_, (x >> 4) % 3, v);
}

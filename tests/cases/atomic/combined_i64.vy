//! in lane_count: 30000
//! in add_: 5 7 1000
//! in sub_: 5 7 1000
//! in min_: 5 7 1000
//! in max_: 5 7 1000
//! in and_: 5 7 1000
//! in or_: 5 7 1000
//! in xor_: 5 7 1000
//! out add_: -177545031705876455 -8803821345460553793 395473072514986252
//! out sub_: 177545031705876465 8803821345460553807 -395473072514984252
//! out min_: -9222913469638926064 -9223122239409298640 -9221655868854626088
//! out max_: 9222128044674356376 9221919274903983800 9222336750020219497
//! out and_: 5 7 904
//! out or_: 255 255 1023
//! out xor_: -8966850049127523994 2781405016057547047 -3867447729725369553
// many lanes combine into small buffers, and nobody asks for the old values:
// any order, and tables of threads' own, give the same bits
program p(lane_count: u32,
          add_: update i64[3],
          sub_: update i64[3],
          min_: update i64[3],
          max_: update i64[3],
          and_: update i64[3],
          or_: update i64[3],
          xor_: update i64[3]) {
    lanes lane_count;

    let mixed = lane * 2654435761u;
    let x = mixed ^ (mixed >> 15);
    let v = u64(x) * 0x100000001ul;
    let rare = lane % 977 == 0;
    let few = v | 0xffffffffffffff8ful | (rare ? 0ul : 0x70ul);
    let some = v & (rare ? 0xfful : 0x80ul);
    atomic_add(add_, x % 3, bitcast<i64>(v));
    atomic_sub(sub_, x % 3, bitcast<i64>(v));
    atomic_min(min_, x % 3, bitcast<i64>(v));
    atomic_max(max_, x % 3, bitcast<i64>(v));
    atomic_and(and_, x % 3, bitcast<i64>(few));
    atomic_or(or_, x % 3, bitcast<i64>(some));
    atomic_xor(xor_, (x >> 4) % 3, bitcast<i64>(v));
}

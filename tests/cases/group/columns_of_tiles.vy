//! in n: 21
//! out y: 1979246756 3961436707 1152084932 662658038 3542938620 1934337876 8574241 1430752480 1693349616 2264132344 2435660237 2708588239 1745309736 323588629 998729427 3039079783 2897307016 654445540 1232395700 4269368140 4156461704 1097217595 3820305299 1522665112 1492389324 446387398 1835616 1776416461 3899391252 164575673 1758723504 3494918646 4243689206 4047285936 2643804509 368158860 615026990 1748962684 2215810233 1895031660 589535636 788161884 1600394578 3532574764 778676616 1212197477 951331777 170326671 3486907469 701253469 3285387952 4073734858 2138373192 1226132125 2625085505 1646289165 3216454700 1868693889 1796170290 3463040957 4055547950 3461327417 2356723658 197470244
//! clean
// tiles of a product in group memory, four columns a lane a group's width apart:
// the rows end within a tile, and each step hangs on the one before
program p(n: u32, y: write u32[64]) {
    group 16, 4;
    groups 1, 1;
    shared left: u32[16 * 8];
    shared right: u32[8 * 64];

    let x = local.x;
    let row = local.y;
    var acc: u32[16];
    for base in 0u .. n step 8u {
        unroll for i in 0u .. 2u {
            left[row * 32 + i * 16 + x] = (base * 7 + row * 5 + i * 3 + x) ^ 0x55u;
        }
        for i in 0u .. 2u {
            var part: u32[4];
            unroll for j in 0u .. 4u {
                if (base + row + i * 4 < n) {
                    part[j] = (base + row + i * 4) * 1000003 + x * 257 + j;
                }
            }
            unroll for j in 0u .. 4u {
                right[(row + i * 4) * 64 + x + 16 * j] = part[j];
            }
        }
        barrier;
        for k in 0u .. min(8u, n - base) {
            var r: u32[4];
            unroll for j in 0u .. 4u {
                r[j] = right[k * 64 + x + 16 * j];
            }
            unroll for i in 0u .. 4u {
                let l = left[row * 32 + k + 8 * i];
                unroll for j in 0u .. 4u {
                    acc[4 * i + j] = acc[4 * i + j] * 3 + l * r[j] + ((acc[4 * i + j] ^ l) >> 7);
                }
            }
        }
        barrier;
    }
    var sum = 0u;
    unroll for k in 0u .. 16u {
        sum = sum * 31 + acc[k];
    }
    y[row * 16 + x] = sum;
}

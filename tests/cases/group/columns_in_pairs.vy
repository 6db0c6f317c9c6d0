//! in n: 21
//! out y: 3054451226 622772241 1497431248 663603180 2728624601 1782618231 2116452891 2603726751 65367212 3147920795 1232862850 3602322966 2712314396 3443931944 1179379189 258302159 134867874 135801327 2115480776 1139076729 3861700774 3103753225 733880866 3506836990 1824728562 1797542171 3780179128 3653131189 2020239900 181095968 3617915685 708834993 3669158480 89773171 3962353572 1939538415 194469355 2880978824 2819369608 1224309519 2435302682 1128612530 3501426267 1989641160 3301305926 4208852149 579261338 2748231145 2802328878 1543253300 481274389 3828469375 2605572666 3822482433 3985885270 4229992503 3015222539 821738987 3209142162 201643291 4267390825 493048067 3845930356 2996176675
//! clean
// as columns_of_tiles, but sums hang on each other in pairs, and one on all before
// it, so that copies of the loop's body cannot come between
program p(n: u32, y: write u32[64]) {
    group 16, 4;
    groups 1, 1;
    shared left: u32[16 * 8];
    shared right: u32[8 * 64];

    let x = local.x;
    let row = local.y;
    var acc: u32[16];
    var mixed = 1u;
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
            mixed = mixed * 5 + acc[15] + k;
            var r: u32[4];
            unroll for j in 0u .. 4u {
                r[j] = right[k * 64 + x + 16 * j];
            }
            unroll for i in 0u .. 4u {
                let l = left[row * 32 + k + 8 * i];
                unroll for j in 0u .. 4u {
                    acc[4 * i + j] = acc[4 * i + (j ^ 1)] * 3 + l * r[j] + ((acc[4 * i + j] ^ l) >> 7);
                }
            }
        }
        barrier;
    }
    var sum = 0u;
    unroll for k in 0u .. 16u {
        sum = sum * 31 + acc[k];
    }
    y[row * 16 + x] = sum + mixed;
}

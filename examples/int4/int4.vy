// y = W x + bias with weights of 4 bits, as language models keep them. The
// inputs of an output are taken in groups of 64; weight k of output n is
// (nibble - zero) * scale, with one zero and one scale for each group and
// output. Word weights[w * outputs + n] holds inputs 8w to 8w + 7 of output
// n, the first in the lowest bits, so that lanes side by side read words side
// by side; a group brings those of 64 inputs into its memory first, so that all
// are on their way at once. Inputs and outputs are multiples of 64.

const GROUP: u32 = 64;

fn nibble(word: u32, i: u32) -> f32 {
    return f32(i32((word >> (4 * i)) & 15));
}

// One row of x. Four sums at a time, so that none waits for itself.
program one_row(inputs: u32, weights: read u32[], scales: read f32[],
                zeros: read u8[], bias: read f32[], x: read f32[inputs],
                y: write f32[len(bias)]) {
    group GROUP;
    groups len(bias) / GROUP;
    shared part_of_x: f32[GROUP];
    shared words: u32[GROUP / 8 * GROUP];

    let n = lane;
    var sum = bias[n];
    for g in 0u .. inputs / GROUP {
        part_of_x[local] = x[g * GROUP + local];
        for w in 0u .. GROUP / 8 {
            words[w * GROUP + local] =
                weights[(g * (GROUP / 8) + w) * len(bias) + n];
        }
        barrier;
        let zero = f32(i32(zeros[g * len(bias) + n]));
        var part: f32[4];
        for w in 0u .. GROUP / 8 {
            let word = words[w * GROUP + local];
            unroll for i in 0u .. 8u {
                let weight = nibble(word, i) - zero;
                part[i % 4] = fma(weight, part_of_x[8 * w + i], part[i % 4]);
            }
        }
        let all = (part[0] + part[1]) + (part[2] + part[3]);
        sum = fma(scales[g * len(bias) + n], all, sum);
        barrier;
    }
    y[n] = sum;
}

// Eight rows of x a lane: each weight is unpacked once for all of them.
program eight_rows(inputs: u32, rows: u32, weights: read u32[],
                   scales: read f32[], zeros: read u8[], bias: read f32[],
                   x: read f32[rows * inputs],
                   y: write f32[rows * len(bias)]) {
    group GROUP, 1;
    groups len(bias) / GROUP, rows / 8;
    shared part_of_x: f32[8 * GROUP];
    shared words: u32[GROUP / 8 * GROUP];

    let n = lane.x;
    let row = 8 * lane.y;
    var sum: f32[8];
    unroll for r in 0 .. 8 {
        sum[r] = bias[n];
    }
    for g in 0u .. inputs / GROUP {
        for r in 0u .. 8u {
            part_of_x[r * GROUP + local.x] =
                x[(row + r) * inputs + g * GROUP + local.x];
        }
        for w in 0u .. GROUP / 8 {
            words[w * GROUP + local.x] =
                weights[(g * (GROUP / 8) + w) * len(bias) + n];
        }
        barrier;
        let zero = f32(i32(zeros[g * len(bias) + n]));
        var part: f32[8];
        for w in 0u .. GROUP / 8 {
            let word = words[w * GROUP + local.x];
            unroll for i in 0u .. 8u {
                let weight = nibble(word, i) - zero;
                unroll for r in 0u .. 8u {
                    let k = 8 * w + i;
                    part[r] = fma(weight, part_of_x[r * GROUP + k], part[r]);
                }
            }
        }
        let scale = scales[g * len(bias) + n];
        unroll for r in 0 .. 8 {
            sum[r] = fma(scale, part[r], sum[r]);
        }
        barrier;
    }
    unroll for r in 0u .. 8u {
        y[(row + r) * len(bias) + n] = sum[r];
    }
}

//! out y: 8080 8088 8096 8104 8880 8888 8896 8904 9680 9688 9696 9704 10480 10488 10496 10504 8080 8088 8096 8104 8880 8888 8896 8904 9680 9688 9696 9704 10480 10488 10496 10504 8080 8088 8096 8104 8880 8888 8896 8904 9680 9688 9696 9704 10480 10488 10496 10504 8080 8088 8096 8104 8880 8888 8896 8904 9680 9688 9696 9704 10480 10488 10496 10504
//! out z: 52 53 54 55 52 53 54 55 52 53 54 55 52 53 54 55 52 53 54 55 52 53 54 55 52 53 54 55 52 53 54 55 20 21 22 23 20 21 22 23 20 21 22 23 20 21 22 23 20 21 22 23 20 21 22 23 20 21 22 23 20 21 22 23
//! clean
// four columns of a lane, a group's width apart: stored and loaded whole, at
// other rows, from a constant on, and backwards
program p(y: write u32[64], z: write i32[64]) {
    group 8, 2;
    groups 1, 1;
    shared t: u32[128];
    shared s: i32[64];

    let x = local.x;
    let at = local.y * 8 + x;
    unroll for k in 0u .. 2u {
        unroll for j in 0u .. 4u {
            t[(local.y * 2 + k) * 32 + x + 8 * j] = at * 100 + k * 10 + j;
        }
    }
    unroll for j in 0u .. 4u {
        s[i32(local.y) * 32 + i32(x) + 8i * i32(j)] = i32(at * 4 + j);
    }
    barrier;
    var sum: u32[4];
    for k in 0u .. 2u {
        unroll for j in 0u .. 4u {
            sum[j] = sum[j] * 7 + t[(3 - 2 * k) * 32 + (x & 3) + 8 * j + 3];
        }
    }
    unroll for j in 0u .. 4u {
        y[at * 4 + j] = sum[j];
        z[at * 4 + 3 - j] = s[32i * i32(1 - local.y) + 8i * i32(3 - j) + 5i];
    }
}

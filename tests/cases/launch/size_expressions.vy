//! in a: 5
//! in b: -1
//! in x: 1..9
//! out n: 16 10 5 1
// lengths as expressions: + - * / % min max over lengths, scalars, constants
const K: u32 = 3;

program p(a: u32, b: i64, x: read u8[], y: write u8[(len(x) + 7) / 8 * 8],
          z: write u8[min(a, len(x)) + max(a, K)], w: write u8[a * a % 7 + 1],
          v: write u8[b - 1 + K], n: write u32[4]) {
    lanes 1;

    n[0] = len(y);
    n[1] = len(z);
    n[2] = len(w);
    n[3] = len(v);
}

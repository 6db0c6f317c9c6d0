//! out y: 14 12 8 7 1 6 3 5 -6 1 4 2
//! clean
// operators bind as in C
program p(y: write i32[12]) {
    lanes 1;

    y[0] = 2 + 3 * 4;
    y[1] = 20 - 5 - 3;
    y[2] = 1 << 2 + 1;
    y[3] = 7 & 3 | 8 ^ 12;
    y[4] = i32(1 + 2 == 3);
    y[5] = -2 * -3;
    y[6] = 100 / 5 / 2 % 7;
    y[7] = true || false && false ? 5 : 6;
    y[8] = ~0 ^ 5;
    y[9] = (1 | 2) == 3 ? 1 : 0;
    y[10] = 1 < 2 == true ? 4 : 5;
    y[11] = false ? 1 : true ? 2 : 3;
}

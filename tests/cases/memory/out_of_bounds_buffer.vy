//! in x: 10 20 30
//! in y: 1 2 3 4 5
//! out y: 1 2 11 21 31
//! bounds
// a load outside gives 0, a store outside is dropped
program p(x: read u32[], y: update u32[]) {
    lanes 6;

    y[lane + 2] = x[lane] + 1;
}

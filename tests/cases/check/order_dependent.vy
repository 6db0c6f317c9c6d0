//! racy
//! warning: VY0910
// an atomic's returned value that reaches an output
program p(n: write u32[1], y: write u32[8]) {
    lanes 8;

    y[lane] = atomic_add(n, 0, 1u);
}

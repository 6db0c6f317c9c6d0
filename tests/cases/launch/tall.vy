//! out n: 70000
//! out sum: 2449965000
// a domain of more rows than a GPU's grid has
program p(n: write u32[1], sum: write u32[1]) {
    lanes 1, 70000;

    atomic_add(n, 0, 1u);
    atomic_add(sum, 0, lane.y);
}

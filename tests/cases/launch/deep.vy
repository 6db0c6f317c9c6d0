//! out n: 140000
//! out sum: 604962704
// a domain of more planes than a GPU's grid has, in groups
program p(n: write u32[1], sum: write u32[1]) {
    group 2, 1, 1;
    groups 1, 1, 70000;

    atomic_add(n, 0, 1u);
    atomic_add(sum, 0, lane.z);
}

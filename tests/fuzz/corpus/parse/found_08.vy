// y = a*
Fix: program saxpy(a: f32, x: read f32[], y: update d33[]) {
    lanesp);

    yz[i] = fma(a, x[i], y[i]);
}

// One step of an n-body system: every body is drawn by every other, softened
// by 2^-10. The sum is in index order and without fma, so its bits are the
// same everywhere. Unit masses; velocity first, then position.
program advance(dt: f32, position: read f32x3[],
                velocity: update f32x3[len(position)],
                moved: write f32x3[len(position)]) {
    lanes len(position);

    let here = position[lane];
    var a = f32x3(0.0);
    for j in 0u .. len(position) {
        let d = position[j] - here;
        let r2 = (d.x * d.x + d.y * d.y + d.z * d.z) + 0x1p-10;
        a += d * (1.0 / (r2 * sqrt(r2)));
    }
    let v = velocity[lane] + a * dt;
    velocity[lane] = v;
    moved[lane] = here + v * dt;
}

//! after arrange
// Four columns a lane, the group's width apart, come to stand side by side.
program p(x: read f32[], y: write f32[]) {
    group 32, 2;
    groups len(x) / 512, 1;
    shared t: f32[512];
    shared u: i32[32 * 8];

    var part: f32[4];
    unroll for k in 0u .. 2u {
        unroll for j in 0u .. 4u {
            part[j] = x[group_id.x * 512 + local.y * 256 + k * 128 + local.x + 32 * j];
        }
        unroll for j in 0u .. 4u {
            t[local.y * 256 + k * 128 + local.x + 32 * j] = part[j];
        }
    }
    unroll for j in 0u .. 4u {
        u[j * 32 + (local.x & 15) + 3 + local.y * 128] = 1i;
    }
    barrier;
    for k in 0u .. 2u {
        unroll for j in 0u .. 4u {
            part[j] += t[k * 128 + 32 * j + 5] + f32(u[j * 32 + 128]);
        }
    }
    y[lane.x] = part[0] + part[1] + part[2] + part[3];
}
//! gives
program p(x: read f32[],
        y: write f32[]) {
    group 32, 2;
    groups len(x) / 512, 1;
    shared t: f32[512];
    shared u: i32[32 * 8];
    let v = 0.0f;
    var part = v;
    var part_1 = v;
    var part_2 = v;
    var part_3 = v;
    let v_4 = local.y;
    let v_5 = v_4 << 8u;
    let v_6 = (group_id.x << 9u) + v_5;
    let v_7 = local.x;
    let v_8 = v_6 + v_7;
    let v_9 = x[v_8];
    part = v_9;
    let v_10 = 32u;
    let v_11 = x[v_8 + v_10];
    part_1 = v_11;
    let v_12 = 64u;
    let v_13 = x[v_8 + v_12];
    part_2 = v_13;
    let v_14 = 96u;
    let v_15 = x[v_8 + v_14];
    part_3 = v_15;
    let v_16 = 2u;
    let v_17 = v_5 + (v_7 << v_16);
    t[v_17] = v_9;
    let v_18 = 1u;
    t[v_17 + v_18] = v_11;
    t[v_17 + v_16] = v_13;
    t[v_17 + 3u] = v_15;
    let v_19 = 128u;
    let v_20 = v_6 + v_19 + v_7;
    let v_21 = x[v_20];
    part = v_21;
    let v_22 = x[v_20 + v_10];
    part_1 = v_22;
    let v_23 = x[v_20 + v_12];
    part_2 = v_23;
    let v_24 = x[v_20 + v_14];
    part_3 = v_24;
    t[v_17 + v_19] = v_21;
    let v_25 = 129u;
    t[v_17 + v_25] = v_22;
    let v_26 = 130u;
    t[v_17 + v_26] = v_23;
    let v_27 = 131u;
    t[v_17 + v_27] = v_24;
    let v_28 = 7u;
    let v_29 = 15u;
    let v_30 = (v_4 << v_28) + ((v_7 & v_29) << v_16);
    let v_31 = 1i;
    u[v_30 + 12u] = v_31;
    u[v_30 + 13u] = v_31;
    u[v_30 + 14u] = v_31;
    u[v_30 + v_29] = v_31;
    barrier;
    for k in 0u .. v_16 step v_18 {
        let v_32 = part;
        let v_33 = k << v_28;
        let v_34 = t[v_33 + 20u];
        let v_35 = u[v_19];
        part = v_32 + (v_34 + f32(v_35));
        let v_36 = part_1;
        let v_37 = t[v_33 + 21u];
        let v_38 = u[v_25];
        part_1 = v_36 + (v_37 + f32(v_38));
        let v_39 = part_2;
        let v_40 = t[v_33 + 22u];
        let v_41 = u[v_26];
        part_2 = v_39 + (v_40 + f32(v_41));
        let v_42 = part_3;
        let v_43 = t[v_33 + 23u];
        let v_44 = u[v_27];
        part_3 = v_42 + (v_43 + f32(v_44));
    }
    let v_45 = part;
    let v_46 = part_1;
    let v_47 = part_2;
    let v_48 = part_3;
    y[lane.x] = v_45 + v_46 + v_47 + v_48;
}

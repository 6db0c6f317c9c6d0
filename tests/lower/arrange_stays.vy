//! after arrange
// What stays: a length that is no multiple of the four columns, columns that
// may reach into the next one, three columns of four, atomics, another index,
// elements of another size.
program p(x: read u32[], y: write u32[]) {
    group 32;
    groups len(x) / 256;
    shared short: u32[130];
    shared wide: u32[256];
    shared three: u32[128];
    shared counts: u32[128];
    shared other: u32[128];
    shared double: u64[128];

    unroll for j in 0u .. 4u {
        short[local + 32 * j] = x[local + j];
        wide[local + (local & 1) + 32 * j] = x[local];
        counts[local + 32 * j] = 1;
        other[local + 32 * j] = x[local];
        double[local + 32 * j] = u64(x[local]);
    }
    unroll for j in 0u .. 3u {
        three[local + 32 * j] = x[local];
    }
    atomic_add(counts, x[local] & 127, 1);
    barrier;
    var sum = 0u;
    unroll for j in 0u .. 4u {
        sum += short[31 - local + 32 * j] + wide[local + 32 * j];
        sum += three[32 * j] + counts[local + 32 * j];
        sum += other[x[lane] & 127] + u32(double[32 * j]);
    }
    y[lane] = sum;
}
//! gives
program p(x: read u32[],
        y: write u32[]) {
    group 32;
    groups len(x) / 256;
    shared short: u32[130];
    shared wide: u32[256];
    shared counts: u32[128];
    shared other: u32[128];
    shared double: u64[128];
    shared three: u32[128];
    let v = local;
    let v_1 = x[v];
    short[v] = v_1;
    let v_2 = 1u;
    let v_3 = v + (v & v_2);
    wide[v_3] = v_1;
    counts[v] = v_2;
    other[v] = v_1;
    let v_4 = u64(v_1);
    double[v] = v_4;
    let v_5 = 32u;
    let v_6 = v + v_5;
    short[v_6] = x[v + v_2];
    wide[v_3 + v_5] = v_1;
    counts[v_6] = v_2;
    other[v_6] = v_1;
    double[v_6] = v_4;
    let v_7 = 64u;
    let v_8 = v + v_7;
    short[v_8] = x[v + 2u];
    wide[v_3 + v_7] = v_1;
    counts[v_8] = v_2;
    other[v_8] = v_1;
    double[v_8] = v_4;
    let v_9 = 96u;
    let v_10 = v + v_9;
    short[v_10] = x[v + 3u];
    wide[v_3 + v_9] = v_1;
    counts[v_10] = v_2;
    other[v_10] = v_1;
    double[v_10] = v_4;
    three[v] = v_1;
    three[v_6] = v_1;
    three[v_8] = v_1;
    let v_11 = 127u;
    let v_12 = atomic_add(counts, v_1 & v_11, v_2);
    barrier;
    let v_13 = 0u;
    var sum = v_13;
    let v_14 = 31u - v;
    let v_15 = short[v_14];
    let v_16 = wide[v];
    let v_17 = v_15 + v_16;
    sum = v_17;
    let v_18 = three[v_13];
    let v_19 = counts[v];
    let v_20 = v_17 + (v_18 + v_19);
    sum = v_20;
    let v_21 = lane;
    let v_22 = x[v_21] & v_11;
    let v_23 = other[v_22];
    let v_24 = double[v_13];
    let v_25 = v_20 + (v_23 + u32(v_24));
    sum = v_25;
    let v_26 = short[v_14 + v_5];
    let v_27 = wide[v_6];
    let v_28 = v_25 + (v_26 + v_27);
    sum = v_28;
    let v_29 = three[v_5];
    let v_30 = counts[v_6];
    let v_31 = v_28 + (v_29 + v_30);
    sum = v_31;
    let v_32 = other[v_22];
    let v_33 = double[v_5];
    let v_34 = v_31 + (v_32 + u32(v_33));
    sum = v_34;
    let v_35 = short[v_14 + v_7];
    let v_36 = wide[v_8];
    let v_37 = v_34 + (v_35 + v_36);
    sum = v_37;
    let v_38 = three[v_7];
    let v_39 = counts[v_8];
    let v_40 = v_37 + (v_38 + v_39);
    sum = v_40;
    let v_41 = other[v_22];
    let v_42 = double[v_7];
    let v_43 = v_40 + (v_41 + u32(v_42));
    sum = v_43;
    let v_44 = short[v_14 + v_9];
    let v_45 = wide[v_10];
    let v_46 = v_43 + (v_44 + v_45);
    sum = v_46;
    let v_47 = three[v_9];
    let v_48 = counts[v_10];
    let v_49 = v_46 + (v_47 + v_48);
    sum = v_49;
    let v_50 = other[v_22];
    let v_51 = double[v_9];
    let v_52 = v_49 + (v_50 + u32(v_51));
    sum = v_52;
    y[v_21] = v_52;
}

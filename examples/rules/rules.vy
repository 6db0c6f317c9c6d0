// Which rules fire: a rule looks up four facts about patterns and compares.
// The ids of the rules that fire are collected in ascending order: a bit a rule
// and a count a group, prefix sum, write.

struct Fact {
    matched: u32;
    count: u32;
    offset: u32;
}

struct Rule {
    a: u32;
    b: u32;
    c: u32;
    d: u32;
    min_count: u32;
    max_offset: u32;
    min_size: u32;
    max_size: u32;
    max_entropy: u32;
}

fn fires(rules: read Rule[], facts: read Fact[], i: u32, file_size: u32,
         entropy: u32) -> bool {
    if (i >= len(rules)) {
        return false;
    }
    // What lies in the rule itself first: many need no fact then.
    return file_size >= rules[i].min_size
        && file_size <= rules[i].max_size
        && entropy <= rules[i].max_entropy
        && facts[rules[i].a].matched != 0
        && facts[rules[i].b].matched != 0
        && facts[rules[i].c].count >= rules[i].min_count
        && facts[rules[i].d].offset <= rules[i].max_offset;
}

// fired: bit i % 32 of word i / 32 is rule i.
program count(rules: read Rule[], facts: read Fact[], file_size: u32,
              entropy: u32, fired: write u32[(len(rules) + 31) / 32],
              counts: write u32[(len(rules) + 255) / 256]) {
    group 256;
    groups (len(rules) + 255) / 256;

    let fire = fires(rules, facts, lane, file_size, entropy);
    let word = group_ballot(fire);
    if (local % 32 == 0) {
        fired[lane / 32] = word;
    }
    let n = group_reduce_add(u32(fire));
    if (local == 0) {
        counts[group_id] = n;
    }
}

program collect(fired: read u32[], offsets: read u32[], ids: write u32[]) {
    group 256;
    groups (len(fired) + 7) / 8;

    let fire = ((fired[lane / 32] >> (lane % 32)) & 1) != 0;
    let place = group_scan_excl_add(u32(fire));
    if (fire) {
        ids[offsets[group_id] + place] = lane;
    }
}

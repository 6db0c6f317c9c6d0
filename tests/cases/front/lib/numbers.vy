// Imported twice by way of front/import.vy.
const LIMIT: u32 = 7;
const SQUARES: u32[4] = {0, 1, 4, 9};

fn twice(x: u32) -> u32 {
    return x * 2;
}

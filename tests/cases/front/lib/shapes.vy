// Imported by front/import.vy.
import "numbers.vy";

struct Box {
    w: f32;
    h: f32;
}

fn area(b: Box) -> f32 {
    return b.w * b.h;
}

fn scaled(b: Box, k: f32) -> Box {
    return Box(b.w * k, b.h * f32(twice(1u)) * k / 2.0);
}

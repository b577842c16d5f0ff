//! The city's colours: linear RGB, from palettes written in the usual hexadecimal sRGB.

use bevy::math::Vec3;

/// A linear colour, each channel in 0..=1.
pub(super) type Rgb = Vec3;

/// Reads 0xRRGGBB as sRGB and returns it linear.
///
/// The cubic fit (Chilliant, "sRGB approximations for HLSL") differs from the exact curve by less than 1/500
/// and, unlike `powf`, gives the same bits on every machine: chunk hashes depend on colours.
pub(super) const fn srgb(hex: u32) -> Rgb {
    Vec3::new(
        linear((hex >> 16) & 0xFF),
        linear((hex >> 8) & 0xFF),
        linear(hex & 0xFF),
    )
}

const fn linear(byte: u32) -> f32 {
    let c = byte as f32 / 255.0;
    c * (c * (c * 0.305_306_01 + 0.682_171_1) + 0.012_522_878)
}

pub(super) const BRICK: [Rgb; 6] = [
    srgb(0x8E4F3A),
    srgb(0xA3614A),
    srgb(0x7C4636),
    srgb(0xB3755A),
    srgb(0x6F4A3E),
    srgb(0x96584F),
];
pub(super) const SANDSTONE: [Rgb; 5] = [
    srgb(0xCDB48C),
    srgb(0xBFA37C),
    srgb(0xDAC8A4),
    srgb(0xB3986F),
    srgb(0xC8B79C),
];
pub(super) const CONCRETE: [Rgb; 5] = [
    srgb(0xA8A69E),
    srgb(0xBDBAB0),
    srgb(0x8E8E8A),
    srgb(0xCBC8C0),
    srgb(0x9C9890),
];
pub(super) const PLASTER: [Rgb; 9] = [
    srgb(0xE2D6BE),
    srgb(0xD9BD9E),
    srgb(0xC6D0C4),
    srgb(0xE8E1D3),
    srgb(0xC9A68C),
    srgb(0xB8C4CC),
    srgb(0xDEC68A),
    srgb(0xCF9F8A),
    srgb(0xF0E9DA),
];
pub(super) const STEEL: [Rgb; 5] = [
    srgb(0x4C5660),
    srgb(0x66737E),
    srgb(0x3B4248),
    srgb(0x8B969C),
    srgb(0x5A6A70),
];
pub(super) const CLADDING: [Rgb; 4] = [
    srgb(0xD8DADA),
    srgb(0xC3C9CC),
    srgb(0xB2ACA0),
    srgb(0x7B6F66),
];
pub(super) const TRIM: [Rgb; 4] = [
    srgb(0xE9E4D8),
    srgb(0xD5CBB8),
    srgb(0xB7AFA2),
    srgb(0xF2EFE8),
];
/// Curtain walls: what the glass reflects at mid height.
pub(super) const CURTAIN_GLASS: [Rgb; 5] = [
    srgb(0x5C7F96),
    srgb(0x4B6C80),
    srgb(0x6F8FA0),
    srgb(0x4F7A7C),
    srgb(0x6A7C96),
];
/// Ordinary window panes by day: dark, a little blue.
pub(super) const WINDOW_GLASS: [Rgb; 3] = [srgb(0x3A4853), srgb(0x333E47), srgb(0x46555E)];
pub(super) const BLIND: [Rgb; 4] = [
    srgb(0xB9B5A6),
    srgb(0x8C8C84),
    srgb(0xC9BC9A),
    srgb(0x6E7478),
];
pub(super) const FLAT_ROOF: [Rgb; 4] = [
    srgb(0x6A6864),
    srgb(0x85817A),
    srgb(0x56565A),
    srgb(0x9A958B),
];
pub(super) const TILE_ROOF: [Rgb; 5] = [
    srgb(0x8B4B38),
    srgb(0x73402F),
    srgb(0x4C5056),
    srgb(0x5D4A42),
    srgb(0x9A5F45),
];
pub(super) const SHOP_SIGN: [Rgb; 9] = [
    srgb(0x8C2F2B),
    srgb(0x1F4E5F),
    srgb(0x2F5D3A),
    srgb(0xC98A2B),
    srgb(0x33363B),
    srgb(0x5B3A63),
    srgb(0xE0DACB),
    srgb(0x274B7A),
    srgb(0xB4532A),
];
pub(super) const DOOR: [Rgb; 5] = [
    srgb(0x4A2E22),
    srgb(0x23372F),
    srgb(0x6B2A26),
    srgb(0x2A3548),
    srgb(0x3A3A3A),
];
pub(super) const CAR_PAINT: [Rgb; 12] = [
    srgb(0xB9BDC0),
    srgb(0x2B2D31),
    srgb(0xEDEDEA),
    srgb(0x7A1F22),
    srgb(0x27466B),
    srgb(0x5A5F63),
    srgb(0x3C5548),
    srgb(0xC7A23A),
    srgb(0xD9DBDB),
    srgb(0x1F2226),
    srgb(0x8FA6B5),
    srgb(0x9C4A2F),
];
pub(super) const LEAF: [Rgb; 5] = [
    srgb(0x4E7434),
    srgb(0x64883C),
    srgb(0x3F6B37),
    srgb(0x8A9A45),
    srgb(0x55713A),
];

/// Corrugated sheets.
pub(super) const SHED: [Rgb; 7] = [
    srgb(0x8FA3AD),
    srgb(0xC9C7BC),
    srgb(0x6F7F73),
    srgb(0xA9B4B0),
    srgb(0x8C5B4A),
    srgb(0x55697D),
    srgb(0xB8AE98),
];
pub(super) const CONTAINER: [Rgb; 6] = [
    srgb(0x8A3B2E),
    srgb(0x2E5D7A),
    srgb(0x3F6B4C),
    srgb(0xB98A3A),
    srgb(0x6C6F72),
    srgb(0xA85F3A),
];
pub(super) const CRANE: Rgb = srgb(0xD8A02C);
pub(super) const SLATE: Rgb = srgb(0x54585E);
pub(super) const VERDIGRIS: Rgb = srgb(0x6E9A86);
pub(super) const ASPHALT: Rgb = srgb(0x58595B);
pub(super) const ASPHALT_ALLEY: Rgb = srgb(0x66645F);
pub(super) const MARKING_WHITE: Rgb = srgb(0xE4E2DA);
pub(super) const MARKING_YELLOW: Rgb = srgb(0xD9AC3F);
pub(super) const KERB_STONE: Rgb = srgb(0xC3BFB4);
pub(super) const PAVING: Rgb = srgb(0xA9A398);
pub(super) const PAVING_WARM: Rgb = srgb(0xB8A78F);
pub(super) const YARD: Rgb = srgb(0x837D74);
pub(super) const GRASS: Rgb = srgb(0x708C48);
pub(super) const LAWN: Rgb = srgb(0x7D9750);
pub(super) const GRAVEL_PATH: Rgb = srgb(0xC2AE8A);
pub(super) const WATER: Rgb = srgb(0x5F8796);
pub(super) const SOIL: Rgb = srgb(0x5B4A3A);
pub(super) const BARK: Rgb = srgb(0x5A4736);
pub(super) const WOOD: Rgb = srgb(0x8A6A47);
pub(super) const IRON: Rgb = srgb(0x34393B);
pub(super) const LAMP_GLASS: Rgb = srgb(0xF3EAD2);
pub(super) const TYRE: Rgb = srgb(0x202022);
pub(super) const CAR_GLASS: Rgb = srgb(0x27303A);
pub(super) const METAL: Rgb = srgb(0xA5A9AA);

//! What a surface does at night, packed into the alpha of its colour.
//!
//! ```text
//!  alpha   0.00          0.12              0.20 … 0.80                 1.00
//!          street lamp   own colour glows  window, by when it lights   nothing
//! ```

/// What a surface does when it is dark.
#[derive(Copy, Clone, PartialEq, Debug, Default)]
pub(in super::super) enum Glow {
    /// Nothing of its own.
    #[default]
    None,
    /// The head of a lamp: on from dusk to dawn.
    Lamp,
    /// A sign, a shop's window: shines in its own colour from dusk to dawn.
    Own,
    /// A window behind which light goes on some time: 0 with the first at dusk, towards 1 never.
    Window(f32),
}

impl Glow {
    /// The alpha that the shader reads.
    #[inline]
    pub(super) fn packed(self) -> u8 {
        let alpha = match self {
            Self::None => 1.0,
            Self::Lamp => 0.0,
            Self::Own => 0.12,
            Self::Window(threshold) => 0.2 + 0.6 * threshold.clamp(0.0, 1.0),
        };
        (alpha * 255.0) as u8
    }
}

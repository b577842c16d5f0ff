//! The frame of a card: its heading, and which cards are open.

use bevy_egui::egui::{self, CollapsingHeader};

use crate::{modes::PanelCard, overlay::style};

const HINT: &str =
    "Click: open or shut. Right click: this card alone; once more: the cards as at the start.";

/// Which cards the next painting opens and shuts, and which one was alone last.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Cards {
    order: Option<Order>,
    alone: Option<PanelCard>,
}

#[derive(Copy, Clone, Debug, PartialEq)]
enum Order {
    Alone(PanelCard),
    AsAtStart,
}

impl Cards {
    pub fn show_alone(&mut self, card: PanelCard) {
        self.alone = Some(card);
        self.order = Some(Order::Alone(card));
    }

    /// What somebody asked for with the right button on a heading.
    fn toggle_alone(&mut self, card: PanelCard) {
        if self.alone == Some(card) {
            self.alone = None;
            self.order = Some(Order::AsAtStart);
        } else {
            self.show_alone(card);
        }
    }

    /// Takes what was asked for since the last painting.
    pub fn begin(&mut self) -> Painting {
        Painting {
            order: self.order.take(),
            right_clicked: None,
        }
    }

    pub fn end(&mut self, painting: &Painting) {
        if let Some(card) = painting.right_clicked {
            self.toggle_alone(card);
        }
    }
}

/// One painting of the cards.
#[derive(Debug)]
pub(super) struct Painting {
    order: Option<Order>,
    right_clicked: Option<PanelCard>,
}

impl Painting {
    /// `Some(true)` where this painting shows the card alone: what is folded away in it opens as well.
    pub fn opens_all_of(&self, card: PanelCard) -> Option<bool> {
        matches!(self.order, Some(Order::Alone(alone)) if alone == card).then_some(true)
    }

    /// A card under its title.
    pub fn card(
        &mut self,
        ui: &mut egui::Ui,
        card: PanelCard,
        title: &str,
        add: impl FnOnce(&mut egui::Ui),
    ) {
        let open = match self.order {
            Some(Order::Alone(alone)) => Some(alone == card),
            Some(Order::AsAtStart) => Some(is_open_at_start(card)),
            None => None,
        };
        self.opened(ui, card, title, open, add);
    }

    /// A card under its title that this painting opens, shuts, or leaves as it is.
    pub fn opened(
        &mut self,
        ui: &mut egui::Ui,
        card: PanelCard,
        title: &str,
        open: Option<bool>,
        add: impl FnOnce(&mut egui::Ui),
    ) {
        let heading = CollapsingHeader::new(egui::RichText::new(title).heading().color(style::OK))
            .id_salt(card as usize)
            .default_open(is_open_at_start(card))
            .open(open)
            .show_unindented(ui, add)
            .header_response
            .on_hover_text(HINT);
        if heading.secondary_clicked() {
            self.right_clicked = Some(card);
        }
    }
}

/// What a hand needs while it drives is open; the rest says the most of it in its title.
const fn is_open_at_start(card: PanelCard) -> bool {
    match card {
        PanelCard::Health
        | PanelCard::Flow
        | PanelCard::Cost
        | PanelCard::History
        | PanelCard::Tune
        | PanelCard::Events => true,
        PanelCard::Hitches
        | PanelCard::Stress
        | PanelCard::Autopilot
        | PanelCard::Engine
        | PanelCard::Metrics => false,
    }
}

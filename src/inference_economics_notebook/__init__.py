"""What a cell shows: cards, tables, figures, explorers. All HTML of the package is made here."""

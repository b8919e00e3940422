"""The screen: main script, theme, texts in two languages, canvas, charts and the parts pages share."""

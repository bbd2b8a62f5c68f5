"""Everything the demo's pictures are drawn with: canvas, shapes, plants, vessels, scenes."""

"""Values in, drawings out: small charts as numbers or SVG, one full chart for Plotly."""

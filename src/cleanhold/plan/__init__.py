"""From a pandera model to one fused pass. The only room that knows pandera."""

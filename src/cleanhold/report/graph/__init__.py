"""The lineage graph for people: as text, as Mermaid and Graphviz have it, and as a page."""

"""The built-in catalogue's products, drawn by code: outlines, cloth, light, one function per kind."""

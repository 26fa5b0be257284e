"""The chapters in a reader's own browser: JupyterLite, Pyodide, and the package as a wheel."""

// Chosen when the page is opened, not when it is built.
export default () => window.STAC_BROWSER_BASEMAPS || [];

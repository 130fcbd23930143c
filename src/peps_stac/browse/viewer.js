// Runs before STAC Browser starts: which catalog, and how our Items are shown.
// `window.PEPS_STAC` is written above this by the web server.
"use strict";
(() => {
  const { catalog, title, basemap } = window.PEPS_STAC;
  const base = new URL(catalog, window.location.href).href;

  const PLATFORMS = { "sentinel-2a": "Sentinel-2A", "sentinel-2b": "Sentinel-2B", "sentinel-2c": "Sentinel-2C" };
  const ORDERS = {
    orderable: "Not ordered",
    ordered: "Ordered",
    pending: "Ordered, waiting",
    shipping: "In processing",
    succeeded: "Delivered",
    failed: "Failed",
    canceled: "Canceled",
  };
  const REASONS = { too_cloudy: "too cloudy", unprocessed: "missing from the results", expired: "gone from the service" };

  const titleOf = (p) => {
    const parts = [
      (p.datetime || p.start_datetime || "").slice(0, 10),
      PLATFORMS[p.platform] || p.platform,
      (p["grid:code"] || "").replace(/^MGRS-/, ""),
    ];
    return parts.filter(Boolean).join(" · ");
  };

  const descriptionOf = (p) => {
    const parts = [];
    if (typeof p["eo:cloud_cover"] === "number") {
      parts.push(`Clouds ${Math.round(p["eo:cloud_cover"])} %.`);
    }
    const order = ORDERS[p["order:status"]];
    if (order) {
      const reason = REASONS[p["peps:reason"]] || p["peps:message"];
      const progress = p["order:status"] === "shipping" && p["peps:progress"];
      const more = [reason, progress && `${Math.round(progress)} %`].filter(Boolean).join(", ");
      parts.push(`MAJA: ${order}${more ? `, ${more}` : ""}.`);
    }
    return parts.join(" ");
  };

  const plural = (count, noun) => `${count} ${noun}${count === 1 ? "" : "s"}`;

  const summaryOf = ({ count, interval }) => {
    const days = [...new Set((interval || []).map((instant) => instant.slice(0, 10)))];
    return ` ${plural(count, "Item")}${days.length ? `, ${days.join(" to ")}` : ""}.`;
  };

  // What lies elsewhere (a quicklook of the service, a file outside the catalog) stays listed,
  // and is never asked for by itself.
  const keepInside = (asset) => {
    const href = asset.getAbsoluteUrl();
    if (!href || !href.startsWith(base)) {
      const no = { value: () => false, enumerable: false };
      Object.defineProperties(asset, { isHTTP: no, canBrowserDisplayImage: no });
    }
  };

  // Until an Item is loaded its link stands for it, and cards are sorted by what that is called.
  const nameLink = (link) => {
    const found = /SENTINEL-?2([A-D])_|S2([A-D])_/.exec(link.title || "");
    const date = /_(\d{4})(\d{2})(\d{2})[-T]\d{6}/.exec(link.title || "");
    if (link.rel === "item" && found && date) {
      link.title = `${date.slice(1).join("-")} · Sentinel-2${found[1] || found[2]}`;
    }
  };

  // The Items say some things twice, for readers of either spelling; people read one.
  const sayOnce = (asset) => {
    if (Array.isArray(asset.bands)) {
      asset.bands.forEach((band, number) => {
        const { scale, offset } = (asset["raster:bands"] || [])[number] || {};
        if (scale !== undefined) {
          Object.assign(band, { "raster:scale": scale, "raster:offset": offset });
        }
      });
      delete asset["eo:bands"];
      delete asset["raster:bands"];
    }
  };

  // The classes of a single bit say no more than its name.
  const simpleBit = (field) => {
    const { offset, name, description } = field;
    return field.length === 1 ? { offset, name, description } : field;
  };

  const preprocessSTAC = (stac) => {
    if (stac.isItem()) {
      stac.properties.title ||= titleOf(stac.properties);
      stac.properties.description ||= descriptionOf(stac.properties);
      if (stac.properties["proj:code"]) {
        delete stac.properties["proj:epsg"];
      }
      for (const asset of Object.values(stac.assets || {})) {
        keepInside(asset);
        sayOnce(asset);
        if (asset["classification:bitfields"]) {
          asset["classification:bitfields"] = asset["classification:bitfields"].map(simpleBit);
        }
      }
    } else if (stac["peps:summary"]) {
      stac.description = (stac.description || "").replace(/\.?$/, ".") + summaryOf(stac["peps:summary"]);
      delete stac["peps:summary"];
      (stac.links || []).forEach(nameLink);
    }
    return stac;
  };

  window.STAC_BROWSER_BASEMAPS = !basemap ? [] : [{
    url: "https://tile.openstreetmap.org/{z}/{x}/{y}.png",
    is: "XYZ",
    title: "OpenStreetMap",
    attributions: '&copy; <a href="https://www.openstreetmap.org/copyright" target="_blank">OpenStreetMap</a> contributors.',
    projection: "EPSG:3857",
  }];

  window.STAC_BROWSER_CONFIG = {
    catalogUrl: `${base}catalog.json`,
    catalogTitle: title,
    allowExternalAccess: false,
    preprocessSTAC,
    socialSharing: [],
    displayPreview: false,
  };
})();

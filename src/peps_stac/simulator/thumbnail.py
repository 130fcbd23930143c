"""The picture that stands for every scene."""

import base64

# 16 pixels of grey squares: enough for a page that shows thumbnails.
QUICKLOOK = base64.b64decode(
    "/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDABALDA4MChAODQ4SERATGCgaGBYWGDEjJR0oOjM9PDkzODdASFxOQERX"
    "RTc4UG1RV19iZ2hnPk1xeXBkeFxlZ2P/wAALCAAQABABAREA/8QAFQABAQAAAAAAAAAAAAAAAAAAAAT/xAAaEAAB"
    "BQEAAAAAAAAAAAAAAAARABM1Y4Hx/9oACAEBAAA/AJo+xzAOpH2OYB1I+xzAOpH2OYB1f//Z"
)

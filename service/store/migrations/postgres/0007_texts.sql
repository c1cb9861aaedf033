-- How common texts are in titles and descriptions: without this, one that all assets have is taken for rare, and all are read.
CREATE STATISTICS asset_titles ON (lower(title)) FROM asset;
CREATE STATISTICS asset_descriptions ON (lower(description)) FROM asset;
ANALYZE asset;

"""Dumps with the Python client of openapi-generator: one file, with thumbnails of each type."""
import os

import openapi_client as vod

config = vod.Configuration(host=os.environ["VOD_ENDPOINT"], api_key={"token": os.environ["VOD_TOKEN"]})
with vod.ApiClient(config) as client:
    api = vod.MediaUploadApi(client)
    for thumbnail in [
        vod.Thumbnail(type="time"),
        vod.Thumbnail(type="dots", dots=[0, 1]),
        vod.Thumbnail(type="quantity", quantity=2),
    ]:
        request = vod.DumpRequest(
            video_type="MP4",
            title="openapi-generator python " + thumbnail.type,
            input=vod.FileAddr(bucket="media", location=os.environ["VOD_REGION"], object="sample.mp4"),
            thumbnail=thumbnail,
        )
        print(thumbnail.type, api.publish_asset_from_obs(os.environ["VOD_PROJECT_ID"], request).asset_id)

"""Dumps with the client of openapi-python-client: one file, with thumbnails of each type."""
import os

from vod_client.api.media_upload import publish_asset_from_obs
from vod_client.client import Client
from vod_client.models import DumpRequest, DumpRequestVideoType, FileAddr, Thumbnail, ThumbnailType

client = Client(base_url=os.environ["VOD_ENDPOINT"], headers={"X-Auth-Token": os.environ["VOD_TOKEN"]})
for thumbnail in [
    Thumbnail(type_=ThumbnailType.TIME),
    Thumbnail(type_=ThumbnailType.DOTS, dots=[0, 1]),
    Thumbnail(type_=ThumbnailType.QUANTITY, quantity=2),
]:
    request = DumpRequest(
        video_type=DumpRequestVideoType.MP4,
        title=f"openapi-python-client {thumbnail.type_}",
        input_=FileAddr(bucket="media", location=os.environ["VOD_REGION"], object_="sample.mp4"),
        thumbnail=thumbnail,
    )
    response = publish_asset_from_obs.sync_detailed(os.environ["VOD_PROJECT_ID"], client=client, body=request)
    if response.status_code != 200:
        raise SystemExit(f"{thumbnail.type_}: {response.status_code} {response.content!r}")
    print(thumbnail.type_, response.parsed.asset_id)

# Uploads with the official OBS SDK, then dumps, reads, lists and deletes with the official VOD SDK.
import os
import sys
import time
import urllib.request

from huaweicloudsdkcore.auth.credentials import BasicCredentials
from huaweicloudsdkvod.v1 import (ConfirmAssetUploadReq, ConfirmAssetUploadRequest, CreateAssetByFileUploadReq,
                                  CreateAssetByFileUploadRequest, DeleteAssetsRequest, FileAddr, ListAssetListRequest,
                                  ListTemplateGroupRequest, PublishAssetFromObsReq, PublishAssetFromObsRequest,
                                  ShowAssetMetaRequest, Subtitle, VodClient)
from obs import CompleteMultipartUploadRequest, CompletePart, ObsClient

env = os.environ


def check(what, response):
    if response.status >= 300:
        sys.exit(f"{what}: {response.status} {response.errorCode} {response.errorMessage}")
    return response.body


sample = env["VOD_SAMPLE"]
with open(sample, "rb") as file:
    content = file.read()
for signature in "obs", "v2", "v4":  # in path style obs becomes v2
    store = ObsClient(access_key_id=env["VOD_S3_ACCESS_KEY"], secret_access_key=env["VOD_S3_SECRET_KEY"],
                      server=env["VOD_S3_ENDPOINT"], region=env["VOD_REGION"], path_style=True, signature=signature)
    check("put", store.putFile("media", "python.mp4", sample))
    assert check("get", store.getObject("media", "python.mp4", loadStreamInMemory=True)).buffer == content
    listed = check("list", store.listObjects("media", prefix="python"))
    assert [o.key for o in listed.contents] == ["python.mp4"]
    upload = check("begin an upload in parts", store.initiateMultipartUpload("media", "parts.bin")).uploadId
    part = check("part", store.uploadPart("media", "parts.bin", 1, upload, sample, isFile=True))
    check("complete", store.completeMultipartUpload("media", "parts.bin", upload, CompleteMultipartUploadRequest([CompletePart(1, part.etag)])))
    check("delete", store.deleteObject("media", "parts.bin"))
    print("OBS", signature)

credentials = BasicCredentials(env["VOD_ACCESS_KEY"], env["VOD_SECRET_KEY"], env["VOD_PROJECT_ID"])
vod = VodClient.new_builder().with_credentials(credentials).with_endpoint(env["VOD_ENDPOINT"]).build()
asset = vod.publish_asset_from_obs(PublishAssetFromObsRequest(body=PublishAssetFromObsReq(
    video_type="MP4", title="python", input=FileAddr(bucket="media", location=env["VOD_REGION"], object="python.mp4")))).asset_id


def await_published(asset):
    while (info := vod.show_asset_meta(ShowAssetMetaRequest(asset_id=[asset])).asset_info_array[0]).status == "OBS_CREATING":
        time.sleep(0.1)
    assert info.status == "PUBLISHED", info
    return info


await_published(asset)
assert asset in [a.asset_id for a in vod.list_asset_list(ListAssetListRequest()).assets]
deleted = vod.delete_assets(DeleteAssetsRequest(asset_id=[asset])).delete_result_array
assert [d.status for d in deleted] == ["DELETED"], deleted
print("VOD", asset)

upload = vod.create_asset_by_file_upload(CreateAssetByFileUploadRequest(body=CreateAssetByFileUploadReq(
    video_type="MP4", title="python", video_name="python.mp4", subtitles=[Subtitle(id=1, type="SRT", language="EN")])))
for address, data in (upload.video_upload_url, content), (upload.subtitle_upload_urls[0], b"1\n00:00:00,000 --> 00:00:01,000\nwords\n"):
    urllib.request.urlopen(urllib.request.Request(address, data, {"Content-Type": "application/octet-stream"}, method="PUT")).close()
vod.confirm_asset_upload(ConfirmAssetUploadRequest(body=ConfirmAssetUploadReq(asset_id=upload.asset_id, status="CREATED")))
info = await_published(upload.asset_id)
assert urllib.request.urlopen(info.base_info.video_url).read() == content
assert info.base_info.subtitle_info[0].language == "EN", info
vod.list_template_group(ListTemplateGroupRequest())
print("uploaded", upload.asset_id)

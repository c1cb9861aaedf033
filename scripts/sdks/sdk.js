// Uploads with the official OBS SDK, then dumps, reads, lists and deletes with the official VOD SDK.
const assert = require('node:assert');
const fs = require('node:fs');
const core = require('@huaweicloud/huaweicloud-sdk-core');
const vod = require('@huaweicloud/huaweicloud-sdk-vod');
const ObsClient = require('esdk-obs-nodejs');

const env = process.env;
const { size } = fs.statSync(env.VOD_SAMPLE);
const file = { SourceFile: env.VOD_SAMPLE, ContentLength: size }; // else it is sent in chunks, of no length

async function upload(signature) {
  const store = new ObsClient({
    access_key_id: env.VOD_S3_ACCESS_KEY, secret_access_key: env.VOD_S3_SECRET_KEY, server: env.VOD_S3_ENDPOINT,
    path_style: true, signature,
  });
  await new Promise(setImmediate); // it sets itself up in the background
  const check = (what, { CommonMsg: message, InterfaceResult: result }) => {
    assert.ok(message.Status < 300, `${what}: ${message.Status} ${message.Code} ${message.Message}`);
    return result;
  };
  check('put', await store.putObject({ Bucket: 'media', Key: 'node.mp4', ...file }));
  const got = check('get', await store.getObject({ Bucket: 'media', Key: 'node.mp4' }));
  assert.strictEqual(Number(got.ContentLength), size);
  const listed = check('list', await store.listObjects({ Bucket: 'media', Prefix: 'node' }));
  assert.deepStrictEqual(listed.Contents.map((o) => o.Key), ['node.mp4']);
  const parts = { Bucket: 'media', Key: 'parts.bin' };
  const { UploadId } = check('begin an upload in parts', await store.initiateMultipartUpload(parts));
  const part = check('part', await store.uploadPart({ ...parts, UploadId, PartNumber: 1, SourceFile: env.VOD_SAMPLE, PartSize: size }));
  check('complete', await store.completeMultipartUpload({ ...parts, UploadId, Parts: [{ PartNumber: 1, ETag: part.ETag }] }));
  check('delete', await store.deleteObject(parts));
  console.log('OBS', signature ?? 'default');
}

async function dump() {
  const credentials = new core.BasicCredentials().withAk(env.VOD_ACCESS_KEY).withSk(env.VOD_SECRET_KEY).withProjectId(env.VOD_PROJECT_ID);
  const client = vod.VodClient.newBuilder().withCredential(credentials).withEndpoint(env.VOD_ENDPOINT).build();
  const input = new vod.FileAddr('media', env.VOD_REGION, 'node.mp4');
  const request = new vod.PublishAssetFromObsReq('MP4', 'node').withVideoType('MP4').withTitle('node').withInput(input);
  const { asset_id: id } = await client.publishAssetFromObs(new vod.PublishAssetFromObsRequest().withBody(request));
  const published = async (asset) => {
    let info;
    do {
      await new Promise((resolve) => { setTimeout(resolve, 100); });
      [info] = (await client.showAssetMeta(new vod.ShowAssetMetaRequest().withAssetId([asset]))).asset_info_array;
    } while (info.status === 'OBS_CREATING');
    assert.strictEqual(info.status, 'PUBLISHED', JSON.stringify(info));
    return info;
  };
  await published(id);
  const { assets } = await client.listAssetList(new vod.ListAssetListRequest());
  assert.ok(assets.some((a) => a.asset_id === id));
  const { delete_result_array: deleted } = await client.deleteAssets(new vod.DeleteAssetsRequest().withAssetId([id]));
  assert.strictEqual(deleted[0].status, 'DELETED');
  console.log('VOD', id);

  const created = await client.createAssetByFileUpload(new vod.CreateAssetByFileUploadRequest().withBody(
    new vod.CreateAssetByFileUploadReq('node', 'node.mp4', 'MP4').withTitle('node').withVideoName('node.mp4').withVideoType('MP4'),
  ));
  const content = fs.readFileSync(env.VOD_SAMPLE);
  const put = await fetch(created.video_upload_url, { method: 'PUT', headers: { 'Content-Type': 'video/mp4' }, body: content });
  assert.strictEqual(put.status, 200);
  await client.confirmAssetUpload(new vod.ConfirmAssetUploadRequest().withBody(
    new vod.ConfirmAssetUploadReq(created.asset_id, 'CREATED').withAssetId(created.asset_id).withStatus('CREATED'),
  ));
  const { base_info: { video_url: url } } = await published(created.asset_id);
  assert.deepStrictEqual(Buffer.from(await (await fetch(url)).arrayBuffer()), content);
  console.log('uploaded', created.asset_id);
}

(async () => {
  for (const signature of [undefined, 'v2']) await upload(signature);
  await dump();
})().catch((error) => { console.error(error); process.exit(1); });

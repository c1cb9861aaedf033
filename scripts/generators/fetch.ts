// Dumps with the typescript-fetch client of openapi-generator: one file, with thumbnails of each type.
import { Configuration, MediaUploadApi, DumpRequestVideoTypeEnum, Thumbnail, ThumbnailTypeEnum } from "./client";

const { VOD_ENDPOINT, VOD_PROJECT_ID = "", VOD_REGION = "", VOD_TOKEN = "" } = process.env;

async function main() {
  const api = new MediaUploadApi(new Configuration({ basePath: VOD_ENDPOINT, headers: { "X-Auth-Token": VOD_TOKEN } }));
  const thumbnails: Thumbnail[] = [
    { type: ThumbnailTypeEnum.Time },
    { type: ThumbnailTypeEnum.Dots, dots: [0, 1] },
    { type: ThumbnailTypeEnum.Quantity, quantity: 2 },
  ];
  for (const thumbnail of thumbnails) {
    const response = await api.publishAssetFromObs({
      projectId: VOD_PROJECT_ID,
      dumpRequest: {
        videoType: DumpRequestVideoTypeEnum.MP4,
        title: "typescript-fetch " + thumbnail.type,
        input: { bucket: "media", location: VOD_REGION, object: "sample.mp4" },
        thumbnail,
      },
    });
    console.log(thumbnail.type, response.assetId);
  }
}

main().catch(async (failure) => {
  console.error(failure.response ? await failure.response.text() : failure);
  process.exit(1);
});

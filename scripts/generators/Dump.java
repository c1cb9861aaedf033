import java.util.List;
import org.openapitools.client.ApiClient;
import org.openapitools.client.api.MediaUploadApi;
import org.openapitools.client.model.DumpRequest;
import org.openapitools.client.model.FileAddr;
import org.openapitools.client.model.Thumbnail;

/** Dumps with the Java client of openapi-generator: one file, with thumbnails of each type. */
class Dump {
    public static void main(String[] args) throws Exception {
        ApiClient client = new ApiClient();
        client.updateBaseUri(System.getenv("VOD_ENDPOINT"));
        client.setRequestInterceptor(request -> request.header("X-Auth-Token", System.getenv("VOD_TOKEN")));
        MediaUploadApi api = new MediaUploadApi(client);
        for (Thumbnail thumbnail : List.of(
                new Thumbnail().type(Thumbnail.TypeEnum.TIME),
                new Thumbnail().type(Thumbnail.TypeEnum.DOTS).dots(List.of(0, 1)),
                new Thumbnail().type(Thumbnail.TypeEnum.QUANTITY).quantity(2))) {
            DumpRequest request = new DumpRequest()
                    .videoType(DumpRequest.VideoTypeEnum.MP4)
                    .title("openapi-generator java " + thumbnail.getType())
                    .input(new FileAddr().bucket("media").location(System.getenv("VOD_REGION"))._object("sample.mp4"))
                    .thumbnail(thumbnail);
            System.out.println(thumbnail.getType() + " "
                    + api.publishAssetFromObs(System.getenv("VOD_PROJECT_ID"), request, null).getAssetId());
        }
    }
}
